"""MUC-4: news texts on violence in Latin America, with answer keys."""
