"""Building micro-apps: `portico build` runs the bundler that the app has installed, under a Node that is found."""
