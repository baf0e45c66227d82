"""The exact gradient, swept back in compiled code through what each layer did: the adjoint of its equations."""
