"""Label Studio: the labelling page, documents as tasks, and annotations back as documents."""
