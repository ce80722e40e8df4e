package flowstate.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowstate.capture.decode.SkipReason;
import flowstate.capture.publish.LiveAccount;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AgentServerTest {
    private static final LiveAccount ACCOUNT =
            new LiveAccount(100, 5, 60, 20, Map.of(SkipReason.NOT_TCP, 20L), 10, 7, 8, 3, 1L << 40, 2);

    @Test
    void theCountsOfTheAccountAreTheMetrics() {
        assertThat(ACCOUNT.balances()).isTrue();
        String scraped;
        try (AgentMetrics metrics = new AgentMetrics(() -> ACCOUNT, () -> 3)) {
            scraped = metrics.scrape();
        }
        assertThat(scraped)
                .contains(
                        "# TYPE flowstate_agent_seen_packets_total counter\nflowstate_agent_seen_packets_total 100.0\n")
                .contains("flowstate_agent_skipped_packets_total{reason=\"not_tcp\"} 20.0\n")
                .contains("flowstate_agent_skipped_packets_total{reason=\"malformed\"} 0.0\n")
                .contains("flowstate_agent_kernel_dropped_packets_total 1.099511627776E12\n")
                .contains("# TYPE flowstate_agent_pending_segments gauge\nflowstate_agent_pending_segments 8.0\n")
                .contains("flowstate_agent_unwritten_packets_total 3.0\n")
                .contains("jvm_memory_used_bytes{", "process_cpu_time_ns_total ");
        assertThat(scraped.lines()
                        .filter(line -> line.startsWith("flowstate_"))
                        .map(line -> line.replaceAll("[{ ].*", ""))
                        .distinct())
                .as("the names that dashboards know")
                .containsExactlyInAnyOrder(
                        "flowstate_agent_seen_packets_total",
                        "flowstate_agent_recovered_segments_total",
                        "flowstate_agent_published_segments_total",
                        "flowstate_agent_published_batches_total",
                        "flowstate_agent_own_segments_total",
                        "flowstate_agent_lost_segments_total",
                        "flowstate_agent_kernel_dropped_packets_total",
                        "flowstate_agent_interface_dropped_packets_total",
                        "flowstate_agent_skipped_packets_total",
                        "flowstate_agent_pending_segments",
                        "flowstate_agent_spooled_segments",
                        "flowstate_agent_unwritten_packets_total");
    }

    @Test
    void eachAnswerIsOfTheMomentInWhichItIsAsked() {
        AtomicLong published = new AtomicLong();
        try (AgentMetrics metrics = new AgentMetrics(
                () -> new LiveAccount(published.get(), 0, published.getAndIncrement(), 0, Map.of(), 0, 0, 0, 0, 0, 0),
                () -> 0)) {
            metrics.scrape();
            assertThat(metrics.scrape())
                    .contains("flowstate_agent_seen_packets_total 2.0\n")
                    .contains("flowstate_agent_published_segments_total 2.0\n");
        }
    }

    @Test
    void theAccountIsReadByAPerson() {
        assertThat(ACCOUNT.render("eth0").lines().map(line -> line.strip().replaceAll(" {2,}", " | ")))
                .containsExactly(
                        "eth0",
                        "packets seen | 100",
                        "segments published | 60 in 20 batches",
                        "of an earlier run | 5",
                        "own traffic | 10",
                        "skipped: not TCP | 20",
                        "lost | 7",
                        "kept in the spool | 8",
                        "dropped by the kernel | 1,099,511,627,776",
                        "dropped by the interface | 2");
    }

    @Test
    void anAddressWithoutAHostIsLoopback() {
        assertThat(AgentServer.parse(":7072").getAddress().isLoopbackAddress()).isTrue();
        assertThat(AgentServer.parse("0.0.0.0:7072").getAddress().isAnyLocalAddress())
                .isTrue();
        for (String wrong : new String[] {"7072x", "host.invalid:1", ":70720", ""}) {
            assertThatThrownBy(() -> AgentServer.parse(wrong))
                    .as(wrong)
                    .hasMessageStartingWith("--http must be HOST:PORT of this host, was " + wrong);
        }
    }
}
