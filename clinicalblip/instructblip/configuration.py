"""InstructBLIP configurations for one film and for several, and the image token that both share."""

from typing import Any

from transformers import InstructBlipConfig, InstructBlipVideoConfig

IMAGE_TOKEN = "<image>"  # noqa: S105


def video_config(config: InstructBlipConfig) -> InstructBlipVideoConfig:
    """The same model's configuration for the class that takes several films."""
    values = config.to_dict()
    video = InstructBlipVideoConfig(
        vision_config=_without_type(values["vision_config"]),
        qformer_config=_without_type(values["qformer_config"]),
        text_config=values["text_config"],
        num_query_tokens=config.num_query_tokens,
        video_token_index=config.image_token_index,
        initializer_range=config.initializer_range,
    )
    if "quantization_config" in values:
        video.quantization_config = values["quantization_config"]
    return video


def image_config(config: Any) -> InstructBlipConfig:
    """The configuration for the class that takes one film, from either class's configuration."""
    if isinstance(config, InstructBlipConfig):
        return config
    values = config.to_dict()
    return InstructBlipConfig(
        vision_config=_without_type(values["vision_config"]),
        qformer_config=_without_type(values["qformer_config"]),
        text_config=values["text_config"],
        num_query_tokens=config.num_query_tokens,
        image_token_index=config.video_token_index,
        initializer_range=config.initializer_range,
    )


def _without_type(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "model_type"}
