//! Why the forge did not answer, in sentences.

use jiff::Timestamp;

use crate::{diff::Problem, words::moment};

/// Why an answer did not come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ForgeError {
    /// No connection, no answer in time, or a server's own error. Worth another try.
    Unreachable(String),
    /// Too much was asked; until then nothing more is.
    Limited {
        /// Ask again from then on.
        until: Timestamp,
        /// Was a token sent?
        is_signed: bool,
    },
    /// The token is not taken.
    BadToken,
    /// The token may not do it. GitHub's words.
    Forbidden(String),
    /// Not there, or not to be seen: GitHub does not tell which.
    NotFound {
        /// Was a token sent?
        is_signed: bool,
    },
    /// GitHub understood, and does not do it. Its words.
    Refused(String),
    /// The answer cannot be made sense of.
    Odd(String),
}

/// What a token needs to be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// To read runs.
    Read,
    /// To start one.
    Write,
}

impl Need {
    fn permissions(self) -> &'static str {
        match self {
            Self::Read => "Actions: read and Contents: read",
            Self::Write => "Actions: read and write, and Contents: read",
        }
    }
}

impl ForgeError {
    /// May it be otherwise in a while, without anybody's doing?
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Limited { .. })
    }

    /// On one line.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::Unreachable(reason) => format!("GitHub cannot be asked: {reason}"),
            Self::Limited { until, is_signed: true } => {
                format!("GitHub's rate limit is used up until {}", moment(*until))
            }
            Self::Limited { until, is_signed: false } => format!(
                "GitHub's rate limit for those without a token (60 requests an hour) is used up until {}",
                moment(*until)
            ),
            Self::BadToken => "GitHub does not take the token (401): it has ended, or is not one".to_owned(),
            Self::Forbidden(words) => format!("the token may not do it (403): {words}"),
            Self::NotFound { is_signed: true } => {
                "GitHub answers 404: it is not there, or the token may not see it".to_owned()
            }
            Self::NotFound { is_signed: false } => {
                "GitHub answers 404: it is not there, or it is private and there is no token".to_owned()
            }
            Self::Refused(words) => format!("GitHub does not do it: {words}"),
            Self::Odd(reason) => format!("GitHub's answer cannot be used: {reason}"),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self, need: Need) -> String {
        let token = format!(
            "set GH_TOKEN to a fine-grained token with this repository and {}, or log in with `gh auth login`",
            need.permissions()
        );
        match self {
            Self::Unreachable(_) => "it is asked again; see that the network lets it through".to_owned(),
            Self::Limited { is_signed: true, .. } => "it is asked again then".to_owned(),
            Self::Limited { is_signed: false, .. } => format!("it is asked again then; or {token}"),
            Self::NotFound { .. } => {
                format!(
                    "see that repository, workflow file and branch are named right (`workflow` in the plan); {token}"
                )
            }
            Self::BadToken | Self::Forbidden(_) => token,
            Self::Refused(_) => "mend what it names, and ask again".to_owned(),
            Self::Odd(_) => {
                "see what answers at that address: a proxy's page, or no GitHub at all".to_owned()
            }
        }
    }

    /// What, why, and what to do.
    #[must_use]
    pub fn problem(&self, subject: impl Into<String>, need: Need) -> Problem {
        Problem::new(subject.into(), self.reason(), self.remedy(need))
    }
}
