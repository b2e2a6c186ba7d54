"""Plans of stages, the Trainer, run folders, the rehearsal: studies in, an adapter out; no drafting, no scoring."""
