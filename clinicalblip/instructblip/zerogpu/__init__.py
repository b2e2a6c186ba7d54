"""Hugging Face's ZeroGPU: a GPU that is lent to a forked process for the length of a call. Nothing else knows of it.

`lending.py` is the one place where the package `spaces` is asked; `lent_engine.py` what a lent GPU does for the
reporter, and what crosses to the forked process; `lent_call.py` a call that its reader can leave; `refusals.py` and
`wording.py` what the reader is told where no GPU is lent.

What is said of the package here was read in the source of `spaces` 0.51.3:

- Importing it patches torch, so that what is moved to CUDA stays in the CPU's memory; launching the page packs it onto
  the disk. It does so in the thread that imports it alone: the model is built in that one, before the page is launched.
- A call asks the hub for a GPU, forks or takes the process that it forked for an earlier call, moves the packed tensors
  to the GPU there, and runs in a thread of its own. Arguments and what is yielded are pickled through pipes.
- Of an exception there only the name of its class comes back, as a `gr.Error`, while its traceback is printed. So
  errors cross as values. What the hub refuses is a `gr.Error` whose `title` says why.
- A generator that is closed sets a flag that the forked process reads after what it yields next.
- The hub counts the seconds of whoever's request is Gradio's current one, and those without one as the Space's.
"""
