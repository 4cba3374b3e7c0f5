"""The sample engagement: fictional firms and clients, played through the real actions."""
