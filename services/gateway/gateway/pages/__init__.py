"""The portal's pages, one module per thing a person comes for."""
