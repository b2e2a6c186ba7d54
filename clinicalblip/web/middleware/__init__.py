"""What stands between the network and Gradio: who may ask for what, how much of it, and what every answer has.

`gateway.py` is the one middleware, and passes each request through the others of this room. What a call does belongs
into `web.handlers`.
"""
