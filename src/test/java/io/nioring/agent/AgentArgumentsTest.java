package io.nioring.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class AgentArgumentsTest {

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "  "})
  void nothingIsNoArgument(String text) {
    assertThat(AgentArguments.parse(text)).isEmpty();
  }

  @Test
  void commasSeparate() {
    assertThat(AgentArguments.parse("mode=ring, spinMicros = 0 ,bufferSize=64k"))
        .containsExactly(
            entry("mode", "ring"), entry("spinMicros", "0"), entry("bufferSize", "64k"));
  }

  @Test
  void routesKeepTheirSemicolonsEqualsSignsAndCommas() {
    String routes = "tcp:127.0.0.1:9000-9100=ring; unix:/run/a,b/*=hybrid;tcp:*:443=kernel";

    assertThat(AgentArguments.parse("mode=hybrid,routes=" + routes + ",idleMillis=5"))
        .containsExactly(
            entry("mode", "hybrid"), entry("routes", routes), entry("idleMillis", "5"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "db-%p.pcapng,port 5432,file-size=50m,files=10",
        "db.pcapng,dport = :5432 or sport = :5432,queue=1m",
        "db.pcapng, host=db, keylog=/tmp/keys,block,snaplen = 100,file-seconds=5,pipes",
        "db.pcapng,port = :5432,sport=:80"
      })
  void captureKeepsItsWords(String capture) {
    assertThat(AgentArguments.parse("mode=ring,capture=" + capture + ",hosts=db=10.0.0.1,jmx=true"))
        .containsExactly(
            entry("mode", "ring"),
            entry("capture", capture),
            entry("hosts", "db=10.0.0.1"),
            entry("jmx", "true"));
  }

  @Test
  void keyMayHaveADot() {
    assertThat(AgentArguments.parse("jfr.names=nioring,mode=ring"))
        .containsExactly(entry("jfr.names", "nioring"), entry("mode", "ring"));
    assertThat(AgentArguments.parse("routes=tcp:*:443=kernel,jfr.names=nioring"))
        .containsExactly(entry("routes", "tcp:*:443=kernel"), entry("jfr.names", "nioring"));
  }

  @Test
  void valueMayBeEmpty() {
    assertThat(AgentArguments.parse("routes=")).containsExactly(entry("routes", ""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"hybrid", "=hybrid", ",mode=ring", "nioring.mode=ring"})
  void whatHasNoKeyIsRefusedAndQuoted(String text) {
    assertThatThrownBy(() -> AgentArguments.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected key=value with commas between, found \"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nioring.mode=ring", "jmx=true, nioring.mode=ring,sockets=false"})
  void namesOfPropertiesAreTakenForWhatTheyAre(String text) {
    assertThatThrownBy(() -> AgentArguments.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith(
            "found \"nioring.mode=ring\": leave out \"nioring.\", as in mode=ring");
  }

  @ParameterizedTest
  @ValueSource(strings = {"mode=ring,", "mode=ring , ", ","})
  void commaWithNothingBehindItIsRefused(String text) {
    assertThatThrownBy(() -> AgentArguments.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("expected key=value after the last comma of \"" + text + "\"");
  }

  @Test
  void keyThatComesTwiceIsRefused() {
    assertThatThrownBy(() -> AgentArguments.parse("mode=ring,mode=hybrid"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the argument mode is given twice");
  }
}
