"""Who reads a photo: this machine, a model, or the one after the other."""
