"""Words and sentences in NumPy, each formula beside its code.

``embedding`` looks vectors up and moves them; ``counts`` (PMI and SVD), ``word2vec`` and ``glove``
learn them. ``attention`` lets a query choose among values, ``search`` finds a probable sentence,
``subwords`` cuts words into tokens, ``bleu`` and ``chrf`` judge a translation.
"""
