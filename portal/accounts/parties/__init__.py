"""Those for whom others act: companies, people without a sign-in of their own, and the matters done for them."""
