"""Who together can carry a rule, and what each one's part in it is; numpy inside.

A rule that members agree under and a machine that works while enough of its parts do are one
mathematics: minimal winning coalition = path set, blocking coalition = cut set, Banzhaf =
Birnbaum importance at one half, Shapley-Shubik = Barlow-Proschan importance.
"""
