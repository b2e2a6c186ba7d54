"""The only room that knows the model: its base and adapter, its prompt, and the Reporter that the page is handed.

Making checkpoints belongs to `build`, a whole split to `batch`. What a report is belongs to `radiology`, training to
`training`, and how good drafts are to `evaluation`.
"""

import logging

# Two of bitsandbytes' notes that nobody can act on: at import, that an optional kernel is not installed, and at every
# product of every int8 layer, that it goes through float16. PEFT imports it too, so they are silenced at the door.
for _name in ("bitsandbytes.backends.cpu.ops", "bitsandbytes.autograd._functions"):
    logging.getLogger(_name).setLevel(logging.ERROR)
