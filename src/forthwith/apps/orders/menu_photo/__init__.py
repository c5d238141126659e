"""A photo of a menu becomes a draft: what a reader saw on it, put into sections and dishes."""
