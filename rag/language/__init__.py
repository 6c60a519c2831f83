"""What words are: terms, sentences, languages, morphemes, quantities, names."""
