//! Which workflow in which repository: what the plan says, and else what git and `.github/workflows` tell.

use std::path::{Path, PathBuf};

use super::{
    remote::{Remote, Sort, sort},
    surroundings::Surroundings,
};
use crate::{diff::Problem, observed::WorkflowOf, plan::WorkflowAt, words::clean};

/// The workflow, and what there is to know of how it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) of: WorkflowOf,
    pub(super) note: Option<String>,
}

const SUBJECT: &str = "the workflow's runs";
const NAME_IT: &str = "name it in the plan: `workflow: {repository: OWNER/NAME, file: deploy.yml}`";

/// Finds it.
pub(super) async fn find(
    folder: &Path,
    at: &WorkflowAt,
    surroundings: &Surroundings,
) -> Result<Found, Problem> {
    let (host, repository, note) = match (&at.host, &at.repository) {
        (host, Some(repository)) => {
            (host.clone().unwrap_or_else(|| "github.com".to_owned()), repository.clone(), None)
        }
        (named, None) => {
            let (remote, note) = remote(folder, surroundings).await?;
            let host = named.clone().unwrap_or_else(|| remote.host.clone());
            let repository = accepted(&remote, named.is_some(), surroundings)?;
            (host, repository, note)
        }
    };
    let (file, file_note) = match &at.file {
        Some(file) => (file.clone(), None),
        None => file(folder, surroundings).await?,
    };
    let note = [note, file_note].into_iter().flatten().collect::<Vec<_>>().join("; ");
    let of = WorkflowOf { host, repository, file, branch: at.branch.clone() };
    Ok(Found { of, note: (!note.is_empty()).then_some(note) })
}

/// The repository of a remote, when it is a GitHub's.
fn accepted(remote: &Remote, is_named: bool, surroundings: &Surroundings) -> Result<String, Problem> {
    let shown = format!("{}/{}", remote.host, remote.path);
    let shown = clean(&shown);
    let is_ours = is_named || surroundings.host().is_some_and(|host| host.eq_ignore_ascii_case(&remote.host));
    match sort(&remote.host) {
        Sort::Other(name) if !is_ours => {
            let reason = format!("the repository is {shown}, on {name}: runs are shown for GitHub only");
            Err(Problem::new(
                SUBJECT,
                reason,
                "look at its pipelines there; tick what waits for one with a note",
            ))
        }
        Sort::Unknown if !is_ours => {
            let reason =
                format!("the repository is {shown}, and {} is not known to be a GitHub", clean(&remote.host));
            let remedy = format!(
                "for a GitHub Enterprise Server set GH_HOST={0}, or name it in the plan: `workflow: {{host: {0}}}`",
                clean(&remote.host)
            );
            Err(Problem::new(SUBJECT, reason, remedy))
        }
        _ => remote.repository().map(str::to_owned).ok_or_else(|| {
            Problem::new(SUBJECT, format!("the remote {shown} is no OWNER/NAME on GitHub"), NAME_IT)
        }),
    }
}

/// The remote: `origin` where there is one.
async fn remote(folder: &Path, surroundings: &Surroundings) -> Result<(Remote, Option<String>), Problem> {
    let unknown = |reason: String| {
        Problem::new(
            SUBJECT,
            format!("it is not known which repository they are of: {}", clean(&reason)),
            NAME_IT,
        )
    };
    let said = surroundings.try_run("git", &["remote"], folder).await.map_err(unknown)?;
    let names: Vec<&str> = said.lines().collect();
    let chosen = names.iter().find(|name| **name == "origin").or(names.first());
    let Some(chosen) = chosen else {
        return Err(unknown("the repository of the plan's folder has no remote".to_owned()));
    };
    let note =
        (names.len() > 1).then(|| format!("of {} git remotes, {} is asked", names.len(), clean(chosen)));
    // A remote's name may begin with a dash; an option it is not.
    let address = surroundings.try_run("git", &["remote", "get-url", "--", chosen], folder).await;
    let address = address.map_err(unknown)?;
    let remote = Remote::of(&address)
        .ok_or_else(|| unknown(format!("the git remote {chosen} is a folder on this machine")))?;
    Ok((remote, note))
}

/// The workflow's file: `deploy.yml`, or the only one there is.
async fn file(folder: &Path, surroundings: &Surroundings) -> Result<(String, Option<String>), Problem> {
    let top = surroundings.run("git", &["rev-parse", "--show-toplevel"], folder).await;
    let top = top.map_or_else(|| folder.to_owned(), PathBuf::from).join(".github/workflows");
    let entries = std::fs::read_dir(&top).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<String> =
        names.filter(|name| [".yml", ".yaml"].iter().any(|end| name.ends_with(end))).collect();
    names.sort();
    let deploy = names.iter().find(|name| matches!(name.as_str(), "deploy.yml" | "deploy.yaml"));
    match (deploy, names.as_slice()) {
        (Some(deploy), _) => Ok((deploy.clone(), None)),
        (None, [only]) => Ok((only.clone(), Some(format!("{} is the only workflow there", clean(only))))),
        (None, []) => {
            let reason = "there is no workflow in .github/workflows of the plan's repository";
            Err(Problem::new(
                SUBJECT,
                reason,
                "write one (`migrate-tui init` does), or name its file in the plan: `workflow: {file: deploy.yml}`",
            ))
        }
        (None, several) => {
            let reason = format!(
                ".github/workflows has several, and none is deploy.yml: {}",
                clean(&several.join(", "))
            );
            Err(Problem::new(
                SUBJECT,
                reason,
                "name the one that deploys in the plan: `workflow: {file: NAME}`",
            ))
        }
    }
}

#[cfg(test)]
#[path = "place_tests.rs"]
mod tests;
