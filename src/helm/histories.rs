//! The histories of releases, for whoever only looks on.

use std::{collections::BTreeSet, path::Path};

use futures::{StreamExt, stream};
use jiff::Timestamp;
use tempfile::TempDir;

use super::{Helm, Revision, Workplace};
use crate::{
    cluster::Connection,
    diff::{Problem, RevisionView},
    observed::{Name, Observation, ReleaseRow, release_of},
    plan::Step,
    render::Search,
};

/// How many revisions are shown.
const SHOWN: usize = 5;

/// Each is a program, which waits for the cluster more than it computes.
const AT_ONCE: usize = 4;

/// Reads the histories of the releases that steps are, as news. What cannot be read says why; of what a
/// release holds, nothing is read.
pub async fn histories(
    search: &Search,
    preferred: Option<&Path>,
    connection: &Connection,
    (steps, namespace): (&[Step], &str),
) -> Vec<Observation> {
    let names: BTreeSet<Name> = steps.iter().filter_map(|step| release_of(step, namespace)).collect();
    if names.is_empty() {
        return Vec::new();
    }
    let opened = async {
        let helm = Helm::detect(search, preferred).await?;
        let folder = TempDir::new().map_err(|error| {
            Problem::new("a folder for helm", error.to_string(), "free space, then try again")
        })?;
        let place = Workplace::new(helm, folder.path(), connection.kubeconfig(), connection.context())?;
        Ok((place, folder))
    };
    let opened: &Result<_, Problem> = &opened.await;
    let read = stream::iter(names).map(|name| async move {
        let history = match opened {
            Ok((place, _)) => place.history(&name.name, &name.namespace).await,
            Err(problem) => Err(problem.clone()),
        };
        let row = row_of(&name.namespace, history.as_deref());
        Observation::Release(name, row)
    });
    read.buffered(AT_ONCE).collect().await
}

/// What is shown of a history.
#[must_use]
pub fn row_of(namespace: &str, history: Result<&[Revision], &Problem>) -> ReleaseRow {
    let at = Timestamp::now();
    match history {
        Ok(history) => ReleaseRow { at, history: shown(history), unknown: None },
        Err(problem) => {
            let unknown = if problem.reason.contains("is forbidden") {
                format!("this identity may not list the Secrets of {namespace}, where helm keeps the history")
            } else {
                format!("{}: {}; {}", problem.subject, problem.reason, problem.remedy)
            };
            ReleaseRow { at, history: Vec::new(), unknown: Some(unknown) }
        }
    }
}

/// The latest revisions, newest first.
pub(crate) fn shown(history: &[Revision]) -> Vec<RevisionView> {
    let latest = history.iter().rev().take(SHOWN).map(|revision| RevisionView {
        revision: revision.revision,
        updated: revision.updated.clone(),
        status: revision.status.to_string(),
        chart: revision.chart.clone(),
        description: revision.description.clone(),
    });
    latest.collect()
}
