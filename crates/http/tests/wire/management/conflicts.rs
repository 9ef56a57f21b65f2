//! When others change the organization again and again (service-accounts-api.md 9, row "concurrent
//! change").

use super::{
    endpoints::{Row, Target, table},
    literal::refusal,
    stage::{ROOTS, Stage, assert_refused},
};
use crate::app::Fault;

#[tokio::test]
async fn whoever_is_overtaken_each_time_is_told_and_nothing_is_applied() {
    let stage = Stage::start().await;
    let detail = "The organization was changed meanwhile: try again.";
    let expected = refusal(409, "DATA_CONCURRENCY_ERROR", detail, &[]);
    for root in ROOTS {
        for row in table().into_iter().filter(Row::changes_something) {
            let target = Target::make(&stage).await;
            let path = format!("{root}{}", row.path(&stage, &target));
            let ask = async || stage.ask(&stage.owner, row.method, &path, &row.body).await;
            let head = stage.app.log_head().await;
            stage.app.store.fail(Fault::Overtaken);
            let answer = ask().await;
            stage.app.store.recover();
            let at = format!("{} {root}", row.number);
            assert_refused(&at, &answer, &expected);
            assert_eq!(answer.lines("content-type"), ["application/json"], "{at}");
            assert_eq!(stage.app.log_head().await, head, "{at}");
            assert_eq!(ask().await.status, row.status, "{at}");
        }
    }
}
