"""`portico events`: what installed services tell and hear, for people, for tools, and for a release."""
