//! The pipeline's workflow, and the gate on its runs, checked.

use super::{
    Environment, Gate,
    check_text::templated_that,
    cursor::Cursor,
    diagnostic::Findings,
    node::Node,
    shape::{WORKFLOW, WORKFLOW_GATE},
    words::name_error,
    workflow::{WorkflowAt, WorkflowGate, branch_error, file_error, is_repository},
};

/// The plan's `workflow`.
pub(super) fn workflow(cursor: &Cursor<'_>, findings: &mut Findings<'_>) -> Option<WorkflowAt> {
    let fields = cursor.fields(findings, &WORKFLOW)?;
    let text = |name: &str, findings: &mut Findings<'_>, error: fn(&str) -> Option<String>| {
        let field = fields.get(name)?;
        let text = field.text(findings)?;
        if let Some(error) = error(text) {
            field.report(findings, error, "");
        }
        Some(text.to_owned())
    };
    Some(WorkflowAt {
        host: text("host", findings, |host| {
            name_error(host).map(|why| format!("`{host}` cannot be a host: {why}"))
        }),
        repository: text("repository", findings, |repository| {
            (!is_repository(repository)).then(|| format!("`{repository}` is not OWNER/NAME, as in acme/shop"))
        }),
        file: text("file", findings, unusable_file),
        branch: text("branch", findings, unusable_branch),
    })
}

/// A gate's `workflow`: a file's name, or a mapping.
pub(super) fn gate(cursor: &Cursor<'_>, findings: &mut Findings<'_>, here: &[Environment]) -> Option<Gate> {
    if let Node::Text(_) = cursor.node() {
        let file = templated_that(cursor, findings, here, unusable_file)?;
        return Some(Gate::Workflow(WorkflowGate { file: Some(file), ..WorkflowGate::default() }));
    }
    let fields = cursor.fields(findings, &WORKFLOW_GATE)?;
    let text = |name: &str, findings: &mut Findings<'_>, error: fn(&str) -> Option<String>| {
        fields.get(name).and_then(|field| templated_that(&field, findings, here, error))
    };
    Some(Gate::Workflow(WorkflowGate {
        file: text("file", findings, unusable_file),
        branch: text("branch", findings, unusable_branch),
        title: text("title", findings, |_| None),
    }))
}

fn unusable_file(file: &str) -> Option<String> {
    file_error(file).map(|why| format!("`{file}` cannot be a workflow's file: {why}"))
}

fn unusable_branch(branch: &str) -> Option<String> {
    branch_error(branch).map(|why| format!("`{branch}` cannot be a branch: {why}"))
}
