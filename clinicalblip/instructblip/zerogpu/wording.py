"""What a reader is told where ZeroGPU lends no GPU, or takes it back."""

from typing import Final

QUOTA: Final = "Your GPU time at Hugging Face is used up for now; try again later, or sign in there for more."
QUOTA_UNTIL: Final = "Your GPU time at Hugging Face is used up for now; try again in {wait}, or sign in there for more."
SPACE_QUOTA: Final = "This Space's GPU time at Hugging Face is used up for now; sign in there to use yours."
PENDING: Final = "What you run at Hugging Face already has all your GPU time; try again when it has ended."
NONE_FREE: Final = "No GPU at Hugging Face became free within a minute; try again."
TOO_LONG: Final = (
    "Hugging Face lends you no GPU for as long as this may take; sign in there, or have whoever runs this page lower "
    "generation.max_new_tokens."
)
SIGN_IN_ENDED: Final = "Hugging Face no longer knows who you are; reload the page, and try again."
TAKEN_BACK: Final = "Hugging Face took the GPU back before this was done; try again."
NOT_ASKED: Final = "Hugging Face could not be asked for a GPU; try again."
NOT_INSTALLED: Final = (
    "This Space says that it is on ZeroGPU, and the package spaces is not installed; install it, or choose other "
    "hardware."
)
