"""The only room that knows the model."""

import logging

# Two of bitsandbytes' notes that nobody can act on: at import, that an optional kernel is not installed, and at every
# product of every int8 layer, that it goes through float16. PEFT imports it too, so they are silenced at the door.
for _name in ("bitsandbytes.backends.cpu.ops", "bitsandbytes.autograd._functions"):
    logging.getLogger(_name).setLevel(logging.ERROR)
