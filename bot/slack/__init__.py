"""The Slack door: listeners that acknowledge at once and ask the flows, and the sender of messages."""
