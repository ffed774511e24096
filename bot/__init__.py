"""agora-bot: watches the quality of Agora calls and tells Slack who suffers, when, and why."""
