package flowstate.topology;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The arrows between the packages. */
class LayersTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("flowstate");

    @Test
    void theModelIsPureJdk() {
        classes()
                .that()
                .resideInAPackage("flowstate.tcp")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("flowstate.tcp", "flowstate.octets", "java..", "org.jspecify..")
                .because("what TCP means must be readable and testable without Kafka, Avro or logging")
                .check(CLASSES);
    }

    @Test
    void octetsAreOfNumbersOnly() {
        classes()
                .that()
                .resideInAPackage("flowstate.octets")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("flowstate.octets", "java..", "org.jspecify..")
                .because("the model depends on it")
                .check(CLASSES);
    }

    @Test
    void theModelOfHostsIsPureJdkAndKnowsNothingOfConnections() {
        classes()
                .that()
                .resideInAPackage("flowstate.hosts")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("flowstate.hosts", "java..", "org.jspecify..")
                .because("how many attempts make a flood must be readable and testable by itself")
                .check(CLASSES);
    }

    @Test
    void theModelReadsNoClock() {
        noClasses()
                .that()
                .resideInAnyPackage("flowstate.tcp", "flowstate.hosts")
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(java.time.Clock.class)
                .because("time is an argument: a replay must come to the same as the capture did")
                .check(CLASSES);
    }

    @Test
    void theTopologyKnowsNothingOfHttp() {
        noClasses()
                .that()
                .resideInAPackage("flowstate.topology")
                .and()
                .doNotHaveSimpleName("StreamProcessor")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("flowstate.query..", "io.javalin..")
                .because("only the main class wires the topology and the queries together")
                .check(CLASSES);
    }
}
