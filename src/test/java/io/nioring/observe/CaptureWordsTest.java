package io.nioring.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CaptureWordsTest {
  @Test
  void aFileAloneIsCapturedWithTheDefaults() {
    CaptureWords words = CaptureWords.parse("a.pcapng");
    assertThat(words.file()).isEqualTo(Path.of("a.pcapng"));
    assertThat(words.options().filter()).isEmpty();
    assertThat(words.options().queueBytes()).isEqualTo(16 << 20);
  }

  @Test
  void optionsAndFilterAreTakenApart() {
    CaptureOptions options =
        CaptureWords.parse(
                "a,sport = :80,snaplen=128,queue=64k,file-size=50M,file-seconds=60,files=10,"
                    + "keylog=keys,host=db,block")
            .options();
    assertThat(options.filter()).isEqualTo("sport = :80");
    assertThat(options.snapBytes()).isEqualTo(128);
    assertThat(options.queueBytes()).isEqualTo(64 << 10);
    assertThat(options.fileSizeBytes()).isEqualTo(50 << 20);
    assertThat(options.fileDuration()).isEqualTo(Duration.ofMinutes(1));
    assertThat(options.files()).isEqualTo(10);
    assertThat(options.keyLog()).contains(Path.of("keys"));
    assertThat(options.host()).isEqualTo("db");
    assertThat(options.blocking()).isTrue();
  }

  @Test
  void filtersAreAllToHold() {
    assertThat(CaptureWords.parse("a,port 80,src 10.0.0.1").options().filter())
        .isEqualTo("( port 80 ) and ( src 10.0.0.1 )");
  }

  @Test
  void theProcessIsNamedInTheFile() {
    assertThat(CaptureWords.parse("a-%p").file())
        .isEqualTo(Path.of("a-" + ProcessHandle.current().pid()));
  }

  @Test
  void wordsThatAreMissingAreNamedAsTheyAreWritten() {
    assertThatThrownBy(() -> CaptureWords.parse("a,files=3"))
        .hasMessageStartingWith("files= needs file-size= or file-seconds=");
    assertThatThrownBy(() -> CaptureWords.parse("a,snaplen=0"))
        .hasMessage("snaplen is 0, expected a number from 64 to 262144");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ",port 80", "a,queue=", "a,queue=x", "a,files=99999999999", "a,files=1"})
  void whatCannotBeUnderstoodIsRefused(String text) {
    assertThatThrownBy(() -> CaptureWords.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
