"""Page objects: they own locators and verbs; tests own assertions."""
