"""How a poem changes under revision: aligned measures, the published reference's measures, studies, figures.

Start reading at `measures` for what each figure means, at `rounds` for one round, at `flux` for a session, at
`harness` for a study.
"""
