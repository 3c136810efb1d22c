package io.nioring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.route.Mode;
import io.nioring.route.Routes;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigPropertiesTest {

  private static final String PROVIDER_KEY = "java.nio.channels.spi.SelectorProvider";

  @ParameterizedTest
  @EnumSource
  void noPropertiesGiveTheDefaultsAndTheGivenMode(Mode mode) {
    assertThat(ConfigProperties.read(new Properties(), mode))
        .isEqualTo(RingNetworkConfig.builder().mode(mode).build());
  }

  @Test
  void allPropertiesAreRead() {
    Properties properties = new Properties();
    properties.setProperty("nioring.mode", "hybrid");
    properties.setProperty("nioring.routes", "tcp:*:443=kernel; unix:*=ring");
    properties.setProperty("nioring.bufferSize", "65536");
    properties.setProperty("nioring.spinMicros", "0");
    properties.setProperty("nioring.idleMillis", "25");
    properties.setProperty("nioring.directMemory", "false");
    properties.setProperty("nioring.sockets", "false");
    properties.setProperty("nioring.hosts", "db.test=10.1.2.3");
    properties.setProperty("nioring.jmx", "true");
    properties.setProperty("nioring.jfr.names", "nioring");
    properties.setProperty("nioring.capture", "a.pcapng,port 80");

    assertThat(ConfigProperties.read(properties, Mode.KERNEL))
        .isEqualTo(
            RingNetworkConfig.builder()
                .mode(Mode.HYBRID)
                .routes("tcp:*:443=kernel; unix:*=ring")
                .bufferSizeBytes(65_536)
                .spinMicros(0)
                .idleMillis(25)
                .directMemory(false)
                .sockets(false)
                .hosts("db.test=10.1.2.3")
                .jmx(true)
                .jdkEventNames(false)
                .capture("a.pcapng,port 80")
                .build());
  }

  @Test
  void otherPropertiesAreNotLookedAt() {
    Properties properties = of("nio.mode", "x");
    properties.setProperty("nioringed.mode", "x");
    properties.setProperty("nioring", "x");
    properties.setProperty("io.nioring.mode", "x");

    assertThat(ConfigProperties.read(properties, Mode.RING))
        .isEqualTo(RingNetworkConfig.builder().build());
  }

  @Test
  void defaultsOfPropertiesCount() {
    Properties properties = new Properties(of("nioring.mode", "kernel"));

    assertThat(ConfigProperties.read(properties, Mode.RING).mode()).isEqualTo(Mode.KERNEL);
  }

  @ParameterizedTest
  @ValueSource(strings = {"nioring.bufferSizes", "nioring.Mode", "nioring.", "nioring.mode.x"})
  void anUnknownKeyIsRefusedWithTheKnownOnesListed(String key) {
    assertThatThrownBy(() -> ConfigProperties.read(of(key, "1"), Mode.RING))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Unknown property "
                + key
                + ", known are nioring.mode, nioring.routes, nioring.bufferSize,"
                + " nioring.maxBufferBytes, nioring.spinMicros, nioring.idleMillis,"
                + " nioring.directMemory, nioring.sockets, nioring.hosts, nioring.jmx,"
                + " nioring.jfr.names, nioring.capture, nioring.faults, nioring.seed");
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "1073741824, 1073741824",
    "64k, 65536",
    "64K, 65536",
    "3m, 3145728",
    "1M, 1048576",
    "1g, 1073741824",
    "1048576k, 1073741824",
    "' 8k ', 8192",
  })
  void bufferSizesMayHaveSuffixes(String text, int bytes) {
    assertThat(ConfigProperties.read(of("nioring.bufferSize", text), Mode.RING).bufferSizeBytes())
        .isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "-1",
        "-1k",
        "1073741825",
        "2g",
        "1048577k",
        "1t",
        "k",
        "1kk",
        "1.5m",
        "0x10",
        "1 k x",
        "4294967297",
        "18446744073709551617",
        "17179869185g"
      })
  void badBufferSizesAreRefused(String text) {
    assertThatThrownBy(() -> ConfigProperties.read(of("nioring.bufferSize", text), Mode.RING))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Property nioring.bufferSize="
                + text
                + " is not valid: expected a number from 1 to 1073741824 (bytes) with an optional"
                + " k, m or g");
  }

  @ParameterizedTest
  @CsvSource({
    "nioring.spinMicros, -1, a number from 0 to 10000 (microseconds)",
    "nioring.spinMicros, 10001, a number from 0 to 10000 (microseconds)",
    "nioring.spinMicros, 1k, a number from 0 to 10000 (microseconds)",
    "nioring.spinMicros, 4294967297, a number from 0 to 10000 (microseconds)",
    "nioring.spinMicros, '', a number from 0 to 10000 (microseconds)",
    "nioring.idleMillis, 0, a number from 1 to 3600000 (milliseconds)",
    "nioring.idleMillis, 3600001, a number from 1 to 3600000 (milliseconds)",
    "nioring.idleMillis, soon, a number from 1 to 3600000 (milliseconds)",
    "nioring.directMemory, yes, true or false",
    "nioring.sockets, no, true or false",
    "nioring.hosts, db.test, 'name=address with semicolons between, found \"db.test\"'",
    "nioring.jmx, on, true or false",
    "nioring.seed, abc, a number",
    "nioring.seed, '', a number",
    "nioring.jfr.names, jvm, jdk or nioring",
    "nioring.directMemory, '', true or false",
    "nioring.mode, rings, 'one of ring, hybrid, kernel'",
    "nioring.mode, '', 'one of ring, hybrid, kernel'",
    "nioring.routes, tcp:*=ring, 'tcp:<host>:<port>, with * for any port'",
  })
  void badValuesAreRefusedWithKeyValueAndWhatWasExpected(String key, String text, String expected) {
    assertThatThrownBy(() -> ConfigProperties.read(of(key, text), Mode.RING))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Property " + key + "=" + text + " is not valid: ")
        .hasMessageEndingWith("expected " + expected);
  }

  @ParameterizedTest
  @CsvSource({"true, true", "TRUE, true", "false, false", "' False ', false"})
  void directMemoryIsReadInAnyCase(String text, boolean value) {
    assertThat(ConfigProperties.read(of("nioring.directMemory", text), Mode.RING).directMemory())
        .isEqualTo(value);
  }

  @Test
  void blankRoutesAreNone() {
    assertThat(ConfigProperties.read(of("nioring.routes", " "), Mode.RING).routes())
        .isEqualTo(Routes.none());
  }

  @Test
  void ofSeveralFaultsTheFirstInOrderIsReported() {
    Properties properties = of("nioring.spinMicros", "x");
    properties.setProperty("nioring.idleMillis", "x");
    properties.setProperty("nioring.unheardOf", "x");

    assertThatThrownBy(() -> ConfigProperties.read(properties, Mode.RING))
        .hasMessageContaining("nioring.idleMillis=x");
  }

  @Test
  void aJarThatIsOnlyOnTheClassPathMeansKernelMode() {
    assertThat(ConfigProperties.ofJvm(new Properties()).mode()).isEqualTo(Mode.KERNEL);
    assertThat(ConfigProperties.ofJvm(of(PROVIDER_KEY, "com.example.Provider")).mode())
        .isEqualTo(Mode.KERNEL);
  }

  @Test
  void namingTheProviderMeansHybridMode() {
    Properties properties = of(PROVIDER_KEY, "io.nioring.RingSelectorProvider");

    assertThat(ConfigProperties.ofJvm(properties).mode()).isEqualTo(Mode.HYBRID);
  }

  @ParameterizedTest
  @EnumSource
  void anExplicitModeTakesPrecedenceOverBoth(Mode mode) {
    Properties properties = of("nioring.mode", mode.name());
    assertThat(ConfigProperties.ofJvm(properties).mode()).isEqualTo(mode);

    properties.setProperty(PROVIDER_KEY, "io.nioring.RingSelectorProvider");
    assertThat(ConfigProperties.ofJvm(properties).mode()).isEqualTo(mode);
  }

  @Test
  void theSystemPropertiesAreRead() {
    String key = "nioring.idleMillis";
    String before = System.setProperty(key, "77");
    try {
      assertThat(ConfigProperties.ofSystem().idleMillis()).isEqualTo(77);
    } finally {
      if (before == null) {
        System.clearProperty(key);
      } else {
        System.setProperty(key, before);
      }
    }
  }

  private static Properties of(String key, String value) {
    Properties properties = new Properties();
    properties.setProperty(key, value);
    return properties;
  }
}
