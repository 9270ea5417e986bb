"""An answered ticket becomes a question for everybody: proposed to the editors of content, who decide."""
