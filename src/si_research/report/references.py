"""The sources of the methods that a report uses: one place, facts only."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

MOST_NAMED: Final = 2
"""Authors that a citation names; with more, the first stands for all."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A source, as the seventh edition of the APA manual lists it.

    Attributes
    ----------
    authors : tuple of str
        ``Family, I. N.`` each; an organisation by its name.
    year : int
    title : str
    source : str
        Journal with volume, number and pages, or publisher; empty for software.
    doi : str
        Empty where none is known.

    Examples
    --------
    >>> found = Reference(("Berger, R. L.", "Hsu, J. C."), 1996, "A title", "A Journal, 11(4), 1–2")
    >>> found.cited("et al."), str(found)
    ('Berger & Hsu, 1996', 'Berger, R. L., & Hsu, J. C. (1996). A title. A Journal, 11(4), 1–2.')
    """

    authors: tuple[str, ...]
    year: int
    title: str
    source: str
    doi: str = ""

    def cited(self, and_others: str) -> str:
        """Return the source as it stands between brackets in a text."""
        names = [author.partition(",")[0] for author in self.authors]
        named = f"{names[0]} {and_others}" if len(names) > MOST_NAMED else " & ".join(names)
        return f"{named}, {self.year}"

    def __str__(self) -> str:
        *first, last = self.authors
        parts = [
            f"{', '.join(first)}, & {last}" if first else last,
            f"({self.year})",
            self.title,
            self.source,
        ]
        text = " ".join(part if part.endswith((".", "?")) else f"{part}." for part in parts if part)
        return f"{text} https://doi.org/{self.doi}" if self.doi else text


REFERENCES: Final = MappingProxyType(
    {
        "probing": Reference(
            ("Aiken, L. S.", "West, S. G."),
            1991,
            "Multiple regression: Testing and interpreting interactions",
            "Sage",
        ),
        "regions": Reference(
            ("Bauer, D. J.", "Curran, P. J."),
            2005,
            "Probing interactions in fixed and multilevel regression: Inferential and graphical techniques",
            "Multivariate Behavioral Research, 40(3), 373–400",
            "10.1207/s15327906mbr4003_5",
        ),
        "pooling": Reference(
            ("Barnard, J.", "Rubin, D. B."),
            1999,
            "Small-sample degrees of freedom with multiple imputation",
            "Biometrika, 86(4), 948–955",
            "10.1093/biomet/86.4.948",
        ),
        "smcfcs": Reference(
            ("Bartlett, J. W.", "Seaman, S. R.", "White, I. R.", "Carpenter, J. R."),
            2015,
            "Multiple imputation of covariates by fully conditional specification: Accommodating the "
            "substantive model",
            "Statistical Methods in Medical Research, 24(4), 462–487",
            "10.1177/0962280214521348",
        ),
        "jackknife": Reference(
            ("Bell, R. M.", "McCaffrey, D. F."),
            2002,
            "Bias reduction in standard errors for linear regression with multi-stage samples",
            "Survey Methodology, 28(2), 169–181",
        ),
        "false_discovery": Reference(
            ("Benjamini, Y.", "Hochberg, Y."),
            1995,
            "Controlling the false discovery rate: A practical and powerful approach to multiple testing",
            "Journal of the Royal Statistical Society: Series B (Methodological), 57(1), 289–300",
            "10.1111/j.2517-6161.1995.tb02031.x",
        ),
        "equivalence": Reference(
            ("Berger, R. L.", "Hsu, J. C."),
            1996,
            "Bioequivalence trials, intersection-union tests and equivalence confidence sets",
            "Statistical Science, 11(4), 283–319",
            "10.1214/ss/1032280304",
        ),
        "bootstrap": Reference(
            ("Cameron, A. C.", "Gelbach, J. B.", "Miller, D. L."),
            2008,
            "Bootstrap-based improvements for inference with clustered errors",
            "The Review of Economics and Statistics, 90(3), 414–427",
            "10.1162/rest.90.3.414",
        ),
        "regression": Reference(
            ("Cohen, J.", "Cohen, P.", "West, S. G.", "Aiken, L. S."),
            2003,
            "Applied multiple regression/correlation analysis for the behavioral sciences (3rd ed.)",
            "Lawrence Erlbaum Associates",
        ),
        "hc4": Reference(
            ("Cribari-Neto, F.",),
            2004,
            "Asymptotic inference under heteroskedasticity of unknown form",
            "Computational Statistics & Data Analysis, 45(2), 215–233",
            "10.1016/S0167-9473(02)00366-3",
        ),
        "slope_differences": Reference(
            ("Dawson, J. F.", "Richter, A. W."),
            2006,
            "Probing three-way interactions in moderated multiple regression: Development and application "
            "of a slope difference test",
            "Journal of Applied Psychology, 91(4), 917–926",
            "10.1037/0021-9010.91.4.917",
        ),
        "split": Reference(
            ("Enders, C. K.", "Tofighi, D."),
            2007,
            "Centering predictor variables in cross-sectional multilevel models: A new look at an old issue",
            "Psychological Methods, 12(2), 121–138",
            "10.1037/1082-989X.12.2.121",
        ),
        "holm": Reference(
            ("Holm, S.",),
            1979,
            "A simple sequentially rejective multiple test procedure",
            "Scandinavian Journal of Statistics, 6(2), 65–70",
        ),
        "guide": Reference(
            ("MacKinnon, J. G.", "Nielsen, M. Ø.", "Webb, M. D."),
            2023,
            "Cluster-robust inference: A guide to empirical practice",
            "Journal of Econometrics, 232(2), 272–299",
            "10.1016/j.jeconom.2022.04.001",
        ),
        "hc3": Reference(
            ("MacKinnon, J. G.", "White, H."),
            1985,
            "Some heteroskedasticity-consistent covariance matrix estimators with improved finite sample "
            "properties",
            "Journal of Econometrics, 29(3), 305–325",
            "10.1016/0304-4076(85)90158-7",
        ),
        "pooled_joint": Reference(
            ("Reiter, J. P.",),
            2007,
            "Small-sample degrees of freedom for multi-component significance tests with multiple "
            "imputation for missing data",
            "Biometrika, 94(2), 502–508",
            "10.1093/biomet/asm028",
        ),
        "ordinal": Reference(
            ("McCullagh, P.",),
            1980,
            "Regression models for ordinal data",
            "Journal of the Royal Statistical Society: Series B (Methodological), 42(2), 109–142",
            "10.1111/j.2517-6161.1980.tb01109.x",
        ),
        "weights": Reference(
            ("Solon, G.", "Haider, S. J.", "Wooldridge, J. M."),
            2015,
            "What are we weighting for?",
            "Journal of Human Resources, 50(2), 301–316",
            "10.3368/jhr.50.2.301",
        ),
        "webb": Reference(
            ("Webb, M. D.",),
            2023,
            "Reworking wild bootstrap-based inference for clustered errors",
            "Canadian Journal of Economics, 56(3), 839–858",
            "10.1111/caje.12661",
        ),
        "hc0": Reference(
            ("White, H.",),
            1980,
            "A heteroskedasticity-consistent covariance matrix estimator and a direct test for "
            "heteroskedasticity",
            "Econometrica, 48(4), 817–838",
            "10.2307/1912934",
        ),
    }
)
