//! Week 2 of the plan: the pipeline.

use super::{
    desk::Desk,
    draft::Draft,
    plan::{head, manual, plain, rollouts, stage},
    yaml::{Map, text},
};

const OVERLAY: &str = "kubernetes/overlays/${environment}";

/// Week 2.
pub(super) fn pipeline(desk: &Desk<'_>, drafts: &[Draft<'_>]) -> Map {
    let registry = desk.options.registry.as_deref().unwrap_or("registry.example.com");
    let mut built: Vec<&str> =
        drafts.iter().filter(|draft| draft.image.is_built).map(|draft| draft.image.name.as_str()).collect();
    built.sort_unstable();
    built.dedup();
    let images = if built.is_empty() {
        "No image is built by this project: the pipeline applies, and nothing else.".to_owned()
    } else {
        format!("It builds and pushes {} to {registry}, with the commit as tag.", built.join(", "))
    };
    let mut steps = vec![
        manual(
            "credentials",
            "Give the pipeline its own rights",
            "",
            vec![
                "Create a service account for the pipeline in ${namespace} with the rights of the role `edit` there, and nothing outside.".to_owned(),
                "Let the pipeline log in by OpenID Connect where the cluster allows it; otherwise store a token that ends within 90 days as a secret of the environment ${environment}.".to_owned(),
                "Protect the environment prod with reviewers.".to_owned(),
            ],
            false,
        ),
        manual(
            "workflow",
            "Take the pipeline over",
            "",
            vec![
                "It is in .github/workflows/deploy.yml; `migrate-tui check` reads it. Pin its actions by their commits.".to_owned(),
                plain(&images),
                "It applies with `kubectl apply --server-side --field-manager=migrate-tui -k kubernetes/overlays/${environment}`. A plain `kubectl apply -k` would take the fields over, and the next change from here would conflict with it.".to_owned(),
                "One deploy at a time in an environment, and a running one is not cut off; a `kubectl rollout status` with a time limit comes after the apply.".to_owned(),
            ],
            false,
        ),
        manual(
            "images",
            "See that the images are in their registries",
            "The gate asks for what kubernetes/overlays/${environment} renders; `migrate-tui images` shows it as a table.",
            vec!["Log in once where a registry wants it (`docker login`, `podman login`); without that a private image looks as if it were not there.".to_owned()],
            false,
        )
        .with("gates", vec![Map::new().with("images", text(OVERLAY))]),
        head(
            "digests",
            "Pin the images by digest",
            "A tag can be moved, a digest cannot. This writes them into the overlay's kustomization.yml, to be committed; apply the overlay of week 1 again afterwards, whose diff shows the images and nothing else.",
        )
        .with("pin", Map::new().with("path", text(OVERLAY))),
    ];
    let run = manual(
        "pipeline-apply",
        "Let the pipeline deploy to ${environment}",
        "",
        vec![
            "Run the pipeline for ${environment} by hand and read its log to the end.".to_owned(),
            "Open the step week-1/overlay here. Its diff is empty but for the images; no field is owned by another manager.".to_owned(),
        ],
        false,
    );
    steps.push(run.with_some("gates", Some(rollouts(drafts))));
    steps.push(manual(
        "rollback-drill",
        "Practise the way back once",
        "Before traffic depends on it.",
        vec![
            "Let the pipeline deploy an image that never becomes ready, and see that it fails while the old pods go on serving.".to_owned(),
            "Deploy the commit before it, and note how long it took.".to_owned(),
        ],
        false,
    ));
    stage(
        "week-2",
        "Week 2 CI/CD",
        "The pipeline builds, pushes and applies; nobody applies from a laptop any more.",
        steps,
    )
}
