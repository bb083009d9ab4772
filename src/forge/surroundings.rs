//! What of the process' environment the forge is found by, and the token.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    fmt,
    path::Path,
    time::Duration,
};

use crate::program;

/// Another address of GitHub's API than its host's own.
const API: &str = "MIGRATE_TUI_GITHUB_API";
/// The host that the operator's token is for, as `gh` has it; GitHub's own unless it is said.
const HOST: &str = "GH_HOST";
/// Where a token may be, in this order.
const TOKENS: [&str; 3] = ["MIGRATE_TUI_GITHUB_TOKEN", "GH_TOKEN", "GITHUB_TOKEN"];
/// The same for a GitHub Enterprise Server, as `gh` has it.
const ENTERPRISE_TOKENS: [&str; 3] =
    ["MIGRATE_TUI_GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"];

/// `git` and `gh` only read files here.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// A token. It is in no text that can be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// What is sent.
    pub(super) fn secret(&self) -> &str {
        &self.0
    }

    /// Nothing, or something that cannot be in a header, is no token.
    fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty() && text.chars().all(|c| c.is_ascii_graphic())).then(|| Self(text.to_owned()))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The operator's variables and programs, as far as they matter here.
#[derive(Clone)]
pub struct Surroundings {
    variables: BTreeMap<String, String>,
    path: OsString,
}

/// The variables hold tokens.
impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Surroundings(…)")
    }
}

impl Surroundings {
    /// This process'.
    #[must_use]
    pub fn of_process() -> Self {
        let names = TOKENS.iter().chain(&ENTERPRISE_TOKENS).chain(&[API, HOST]);
        let found = names.filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?)));
        Self { variables: found.collect(), path: std::env::var_os("PATH").unwrap_or_default() }
    }

    /// Other ones.
    #[must_use]
    pub fn new<const N: usize>(variables: [(&str, &str); N], path: &OsStr) -> Self {
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self { variables: variables.into(), path: path.to_owned() }
    }

    fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// Another address of the API, when the operator names one.
    pub(super) fn api(&self) -> Option<&str> {
        self.variable(API)
    }

    /// The GitHub that the operator works with, when it is not GitHub's own.
    pub(super) fn host(&self) -> Option<&str> {
        self.variable(HOST)
    }

    /// The token for a host. One in a variable is for GitHub's own, or for the host of `GH_HOST`, and is sent to no
    /// other, whatever a plan names; for those, `gh` may have one.
    pub(super) async fn token(&self, host: &str, folder: &Path) -> Option<Token> {
        let is_own = host == "github.com" || host.ends_with(".ghe.com");
        let is_meant = self.host().is_some_and(|meant| meant.eq_ignore_ascii_case(host));
        let names = match (is_own, is_meant) {
            (true, _) => Some(TOKENS),
            (false, true) => Some(ENTERPRISE_TOKENS),
            (false, false) => None,
        };
        let named = names.iter().flatten().find_map(|name| self.variable(name).and_then(Token::of));
        if named.is_some() {
            return named;
        }
        let said = self.run("gh", &["auth", "token", "--hostname", host], folder).await?;
        Token::of(&said)
    }

    /// What a program says, when it is there and ends well.
    pub(super) async fn run(&self, program: &str, arguments: &[&str], folder: &Path) -> Option<String> {
        self.try_run(program, arguments, folder).await.ok()
    }

    /// The same, with why not. Only `git` is asked for that: its words hold no token.
    pub(super) async fn try_run(
        &self,
        program: &str,
        arguments: &[&str],
        folder: &Path,
    ) -> Result<String, String> {
        let found = program::find(&self.path, program.as_ref())
            .ok_or_else(|| format!("{program} is not installed, or not in PATH"))?;
        let quiet = [
            ("GIT_TERMINAL_PROMPT", Some(OsStr::new("0"))),
            ("GIT_OPTIONAL_LOCKS", Some(OsStr::new("0"))),
            ("LC_ALL", Some(OsStr::new("C"))),
            ("GH_PROMPT_DISABLED", Some(OsStr::new("1"))),
        ];
        let output = program::run(&found, arguments, folder, &quiet, TIME_LIMIT)
            .await
            .map_err(|error| format!("{program}: {}", program::run_reason(&error)))?;
        if !output.status.success() {
            let first = output.stderr.lines().next().unwrap_or_default();
            return Err(format!("{program}: {first}"));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}
