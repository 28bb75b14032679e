"""Records of the service: frozen values and enums. Start at states and outcomes."""
