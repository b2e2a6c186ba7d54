"""The design file: what a study is, as its owner writes it down before it begins."""
