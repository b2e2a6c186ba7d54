"""The chest of a phantom: body, organs, bones, vessels, findings and devices, as layers along rays."""
