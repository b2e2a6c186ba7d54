"""Bytes of a stranger's file become a Radiograph, or one sentence that says why not."""
