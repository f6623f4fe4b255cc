"""What surrounds a network while it learns: augmentation, transfer, ensembles, gradients."""
