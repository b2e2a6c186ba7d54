"""What stands between the network and Gradio: uploads without names, closed egress, the model card's route."""
