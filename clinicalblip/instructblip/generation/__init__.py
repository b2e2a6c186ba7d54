"""Writing a report token by token: the thread, the stop flag, the finding bias, the check of quoted hints."""
