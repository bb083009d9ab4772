//! migrate-tui moves a running stack from docker-compose to Kubernetes, one shown and confirmed step
//! at a time. This page is the architecture; `ls src` is its diagram.
//!
//! # Data flow
//!
//! ```text
//!  keys, mouse ─┐                                 ┌─> frame          (ui: pure)
//!  watches ─────┼─> Message ─> app::App::update ──┤
//!  the run ─────┘                                 └─> engine::Command
//!                                                        │
//!      journal <── Entry ── Run::decide <── Command ─────┘
//!         │                    ▲
//!         └─> Run::apply       └── Outcome <── runtime::executor <── Effect <── Run::pending
//! ```
//!
//! - **The engine is event-sourced.** [`engine::Run::decide`] turns a command into events or a refusal,
//!   [`engine::Run::apply`] folds an entry into the state, [`engine::Run::pending`] says which effects
//!   the state wants. An apply, a prune, a rollback and a verification are the same thing: an *attempt*
//!   with a [`diff::Proposal`] that is shown, confirmed by its digest, executed wave by wave.
//! - **[`runtime::Driver`]** owns a run, its journal and its running effects. An entry is durable before an
//!   effect that follows from it is started. The cockpit and the commands without a terminal
//!   ([`headless`]) drive the same `Driver`; neither can do what the other cannot.
//! - **The screen of `init`** ([`app::preview`]) has the same event loop, keys and drawing, and drives the same
//!   [`headless::init::Init`] as the command does: it shows what a look has found, and a write is confirmed by its digest.
//! - **One task owns all state.** No locks around it, no globals. Effects and watches are tasks that send
//!   messages.
//! - **Before the first write** of an attempt, everything that it is about to change is read again; if any
//!   uid or meaning has moved since it was shown, nothing is written. Then a [`rollback::Record`]
//!   (before-images) and the inventory go into the cluster, so that a lost laptop does not mean no way back:
//!   [`cluster::survey`] finds them whenever a run is opened, and what the journal does not know becomes
//!   [`engine::Event::Recovered`].
//! - **A stage** is prepared step by step, each knowing what the ones before it would make
//!   ([`cluster::Promised`]). When a step's turn comes it is prepared anew; only what [`diff::uncovered`] finds
//!   covered by the confirmation is written, anything else is shown and asked again.
//! - **After a kill**, what was executing is *interrupted*: only reads happen until the operator resumes it,
//!   rolls it back or abandons it. A release that helm left halfway is not resumed: what helm would do about it is
//!   prepared anew, shown and confirmed.
//!
//! # Modules
//!
//! Pure, without I/O, clock, async or kube types (`tests/offline/purity.rs` holds them to it):
//!
//! | module | owns |
//! |---|---|
//! | [`catalogue`] | components that came to their end, and what to use instead; which one brings a kind |
//! | [`compose`] | compose files, as a project that knows where each thing was written |
//! | [`plan`] | the plan file: checked model, diagnostics with places |
//! | [`object`] | a Kubernetes object as data: key, meaning, digest, mask, field owners |
//! | [`diff`] | proposals: rows, field changes, risks, waves |
//! | [`rollback`] | before-images, the three-way inverse, what tells a leftover |
//! | [`readiness`] | is it ready, and why not: rules per kind |
//! | [`observed`] | what panes show, and how fresh it is |
//! | [`engine`] | a run: commands in, entries out, effects pending |
//! | [`overview`] | one projection of run and observed, for `status` |
//! | [`report`] | the minutes of a run, from its journal |
//! | [`pin`] | images by digest: which ones objects use, and a kustomization's text with digests in it |
//! | [`scaffold`] | a tree of wanted files against a repository: what is written, what stays, the way back |
//! | [`workflow`] | GitHub workflows that deploy: what is wrong with one, and one that fits a stack |
//! | [`app`], [`ui`] | the state of the cockpit and of the screen of `init`, and their rendering |
//! | [`import`] | from a compose project to manifests, a plan, and what became of each key |
//! | [`words`] | text that is neutralised, counted, dated before it is shown |
//!
//! The outside:
//!
//! | module | owns |
//! |---|---|
//! | [`cluster`] | the only code that knows kube: reads, dry runs, guarded writes, records, watches |
//! | [`render`] | the plan's folder, and kustomize as the program it is |
//! | [`helm`] | charts, and helm as the program it is: what it renders, what it is told, its histories |
//! | [`forge`] | the workflow's runs on GitHub; and one that is started |
//! | [`registry`] | asks OCI registries about images: there, digest, platforms, age |
//! | [`gate`] | waiting for objects and gates; what locks a step |
//! | [`repository`] | the operator's repository: looks, and writes a confirmed tree whole or not at all |
//! | [`journal`] | the log of a run on disk |
//! | [`rehearsal`] | builds, boots and stops a real control plane on this machine, and what stands beside it |
//! | [`config`] | settings, keymap, themes |
//! | [`headless`], [`status`], [`cli`] | the commands without a terminal |
//! | [`runtime`] | the driver, the executor of effects, the screens' event loop, the terminal |
//!
//! # Invariants
//!
//! 1. Nothing is written without a confirmation that names the digest of what was shown, and not in
//!    read-only mode: there no [`cluster::Writer`] exists.
//! 2. Nothing is written to another cluster than the one that the run is pinned to; every write takes a
//!    [`cluster::Permit`].
//! 3. No field that someone else owns is ever forced; taking it over is an *adopt* row, and is undone.
//! 4. A Secret's value is nowhere but in the cluster: what is shown, journalled or logged is masked.
//! 5. A release is helm's to write: one row is executed for it, and the rows of its objects are *carried*.
//!    Helm gets a kubeconfig with one context, and the archive that was shown.
//! 6. What others have made because of a step ([`rollback::Leftover`]) is deleted only when it was traced by uid,
//!    nobody else needs it, and it was asked for.
//! 7. In the operator's repository a file that was not written by us, or was edited since, is never overwritten
//!    and never deleted.
//! 8. A step that pins images changes one file below the plan's folder and nothing in the cluster: while that file
//!    and the tags are what was shown, and not in a rehearsal. Its record keeps the edits, not the text.
//! 9. A run of a workflow is started only as it was shown and confirmed, never in a rehearsal; the forge's token goes to the
//!    host that it is for and is in nothing that is shown or written.
//! 10. Programs get an argument list and a time limit, never a shell.

pub mod app;
pub mod catalogue;
pub mod cli;
pub mod cluster;
pub mod compose;
pub mod config;
pub mod diff;
pub mod engine;
pub mod forge;
pub mod gate;
pub mod headless;
pub mod helm;
pub mod import;
pub mod journal;
pub mod object;
pub mod observed;
pub mod overview;
pub mod pin;
pub mod plan;
mod program;
pub mod readiness;
pub mod registry;
pub mod rehearsal;
pub mod render;
pub mod report;
pub mod repository;
pub mod rollback;
pub mod runtime;
pub mod scaffold;
pub mod status;
pub mod ui;
pub mod words;
pub mod workflow;
