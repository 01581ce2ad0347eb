"""Feature flags: what each is, who is given which variant, and how clients ask (OpenFeature's remote evaluation)."""
