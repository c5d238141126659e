"""Models that look and write: one question to Gemini or any endpoint that speaks as OpenAI."""
