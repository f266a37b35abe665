"""Behaviour: small cases, each of one capability, and how a model does on them."""
