"""Label Studio: the labelling interface, documents as tasks, and annotations as documents."""
