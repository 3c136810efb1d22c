package io.nioring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.nioring.route.Mode;
import io.nioring.route.Routes;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RingNetworkConfigTest {

  @Test
  void hasTheDocumentedDefaults() {
    RingNetworkConfig config = RingNetworkConfig.builder().build();

    assertThat(config.mode()).isEqualTo(Mode.RING);
    assertThat(config.routes().isEmpty()).isTrue();
    assertThat(config.bufferSizeBytes()).isEqualTo(1024 * 1024);
    assertThat(config.spinMicros()).isEqualTo(50);
    assertThat(config.idleMillis()).isEqualTo(1_000);
    assertThat(config.directMemory()).isTrue();
    assertThat(config.jmx()).isFalse();
    assertThat(config.jdkEventNames()).isTrue();
    assertThat(config.capture()).isEmpty();
  }

  @Test
  void keepsWhatTheBuilderWasGiven() {
    Routes routes = Routes.parse("unix:*=kernel");
    RingNetworkConfig config =
        RingNetworkConfig.builder()
            .mode(Mode.HYBRID)
            .routes(routes)
            .bufferSizeBytes(4_096)
            .spinMicros(7)
            .idleMillis(8)
            .directMemory(false)
            .jmx(true)
            .jdkEventNames(false)
            .capture("a.pcapng")
            .build();

    assertThat(config.mode()).isEqualTo(Mode.HYBRID);
    assertThat(config.routes()).isSameAs(routes);
    assertThat(config.bufferSizeBytes()).isEqualTo(4_096);
    assertThat(config.spinMicros()).isEqualTo(7);
    assertThat(config.idleMillis()).isEqualTo(8);
    assertThat(config.directMemory()).isFalse();
    assertThat(config.jmx()).isTrue();
    assertThat(config.jdkEventNames()).isFalse();
    assertThat(config.capture()).isEqualTo("a.pcapng");
  }

  @Test
  void aConfigurationIsNotChangedByLaterUseOfItsBuilder() {
    RingNetworkConfig.Builder builder = RingNetworkConfig.builder().spinMicros(1);
    RingNetworkConfig config = builder.build();

    builder.spinMicros(2);

    assertThat(config.spinMicros()).isEqualTo(1);
    assertThat(builder.build().spinMicros()).isEqualTo(2);
  }

  @Test
  void routesCanBeGivenAsText() {
    RingNetworkConfig config = RingNetworkConfig.builder().routes("tcp:*:443=kernel").build();

    assertThat(config.routes()).isEqualTo(Routes.parse("tcp:*:443=kernel"));
  }

  @Test
  void malformedRoutesAreRefusedWhenTheyAreSet() {
    RingNetworkConfig.Builder builder = RingNetworkConfig.builder();

    assertThatThrownBy(() -> builder.routes("tcp:*=kernel"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"tcp:*=kernel\"");
  }

  static Stream<Arguments> settersAtTheirBounds() {
    return Stream.of(
        arguments(setter(b -> b.bufferSizeBytes(1))),
        arguments(setter(b -> b.bufferSizeBytes(1 << 30))),
        arguments(setter(b -> b.spinMicros(0))),
        arguments(setter(b -> b.spinMicros(10_000))),
        arguments(setter(b -> b.idleMillis(1))),
        arguments(setter(b -> b.idleMillis(3_600_000))));
  }

  @ParameterizedTest
  @MethodSource("settersAtTheirBounds")
  void boundsAreIncluded(UnaryOperator<RingNetworkConfig.Builder> setter) {
    assertThatCode(() -> setter.apply(RingNetworkConfig.builder()).build())
        .doesNotThrowAnyException();
  }

  static Stream<Arguments> settersOutOfBounds() {
    return Stream.of(
        arguments(setter(b -> b.bufferSizeBytes(0)), "bufferSizeBytes is 0", "1 to 1073741824"),
        arguments(
            setter(b -> b.bufferSizeBytes((1 << 30) + 1)),
            "bufferSizeBytes is 1073741825",
            "1 to 1073741824"),
        arguments(setter(b -> b.spinMicros(-1)), "spinMicros is -1", "0 to 10000"),
        arguments(setter(b -> b.spinMicros(10_001)), "spinMicros is 10001", "0 to 10000"),
        arguments(setter(b -> b.idleMillis(0)), "idleMillis is 0", "1 to 3600000"),
        arguments(setter(b -> b.idleMillis(3_600_001)), "idleMillis is 3600001", "1 to 3600000"));
  }

  @ParameterizedTest
  @MethodSource("settersOutOfBounds")
  void buildRefusesNumbersOutOfBounds(
      UnaryOperator<RingNetworkConfig.Builder> setter, String nameAndValue, String bound) {
    RingNetworkConfig.Builder builder = setter.apply(RingNetworkConfig.builder());

    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(nameAndValue)
        .hasMessageContaining(bound);
  }

  @Test
  void nullsAreRefused() {
    RingNetworkConfig.Builder builder = RingNetworkConfig.builder();

    assertThatNullPointerException().isThrownBy(() -> builder.mode(null)).withMessage("mode");
    assertThatNullPointerException()
        .isThrownBy(() -> builder.routes((Routes) null))
        .withMessage("routes");
    assertThatNullPointerException()
        .isThrownBy(() -> builder.routes((String) null))
        .withMessage("routes");
    assertThatNullPointerException().isThrownBy(() -> builder.capture(null)).withMessage("words");
  }

  @Test
  void isAValue() {
    RingNetworkConfig config = RingNetworkConfig.builder().spinMicros(1).build();

    assertThat(config)
        .isEqualTo(RingNetworkConfig.builder().spinMicros(1).build())
        .hasSameHashCodeAs(RingNetworkConfig.builder().spinMicros(1).build())
        .isNotEqualTo(RingNetworkConfig.builder().spinMicros(1).mode(Mode.KERNEL).build())
        .isNotEqualTo(RingNetworkConfig.builder().spinMicros(1).routes("unix:*=ring").build())
        .isNotEqualTo(RingNetworkConfig.builder().spinMicros(1).bufferSizeBytes(9).build())
        .isNotEqualTo(RingNetworkConfig.builder().spinMicros(2).build())
        .isNotEqualTo(RingNetworkConfig.builder().spinMicros(1).idleMillis(9).build())
        .isNotEqualTo(RingNetworkConfig.builder().spinMicros(1).directMemory(false).build())
        .isNotEqualTo(RingNetworkConfig.builder().spinMicros(1).capture("a").build())
        .isNotEqualTo("text");
  }

  @Test
  void itsTextHasAllValues() {
    assertThat(RingNetworkConfig.builder().routes("unix:*=kernel").build())
        .hasToString(
            "RingNetworkConfig[mode=RING, routes=unix:*=kernel, bufferSizeBytes=1048576,"
                + " maxBufferBytes=16777216, spinMicros=50, idleMillis=1000, directMemory=true,"
                + " sockets=true, hosts={}, jmx=false, jdkEventNames=true, capture=]");
  }

  private static UnaryOperator<RingNetworkConfig.Builder> setter(
      UnaryOperator<RingNetworkConfig.Builder> setter) {
    return setter;
  }
}
