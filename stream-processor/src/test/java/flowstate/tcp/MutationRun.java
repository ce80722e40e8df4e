package flowstate.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.engine.JupiterTestEngine;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.commons.support.ReflectionSupport;
import org.junit.platform.engine.CancellationToken;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherExecutionRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * The model's tests as mutation testing runs them (docs/testing.md): each class is one test, which stops at the first
 * failure. PIT starts JUnit anew for every single test, and that would take longer than most of these do.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MutationRun {
    /** Random ones, and what takes seconds. */
    private static final Set<Class<?>> LEFT_OUT =
            Set.of(MetamorphicTest.class, RealCapturesTest.class, TrackerPropertiesTest.class);

    private final Launcher launcher = LauncherFactory.create(LauncherConfig.builder()
            .enableTestEngineAutoRegistration(false)
            .enableTestExecutionListenerAutoRegistration(false)
            .addTestEngines(new JupiterTestEngine())
            .build());

    static List<Class<?>> classes() {
        return ReflectionSupport.findAllClassesInPackage(
                MutationRun.class.getPackageName(), c -> !LEFT_OUT.contains(c), name -> name.endsWith("Test"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("classes")
    void noticesNothing(Class<?> tests) {
        CancellationToken stop = CancellationToken.create();
        Results results = new Results(stop);
        launcher.execute(LauncherExecutionRequestBuilder.request(LauncherDiscoveryRequestBuilder.request()
                        .selectors(DiscoverySelectors.selectClass(tests))
                        .build())
                .listeners(results)
                .cancellationToken(stop)
                .build());
        if (results.failure != null) {
            throw new AssertionError(tests + " fails", results.failure);
        }
        assertThat(results.passed).as("tests in " + tests).isPositive();
    }

    private static final class Results implements TestExecutionListener {
        private final CancellationToken stop;
        private int passed;
        private @Nullable Throwable failure;

        Results(CancellationToken stop) {
            this.stop = stop;
        }

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            if (result.getStatus() == TestExecutionResult.Status.FAILED && failure == null) {
                failure = result.getThrowable().orElseGet(AssertionError::new);
                stop.cancel();
            } else if (test.isTest()) {
                passed++;
            }
        }
    }
}
