"""What stands between the network and Gradio: uploads without names, egress refused, the model card's route."""
