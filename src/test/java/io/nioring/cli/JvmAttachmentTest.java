package io.nioring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.rmi.ConnectException;
import org.junit.jupiter.api.Test;

class JvmAttachmentTest {
  @Test
  void aReasonIsOneLineWithoutItsCause() {
    Exception cause = new java.net.ConnectException("Connection refused");
    assertThat(JvmAttachment.reason(new ConnectException("refused to host: 10.0.0.1", cause)))
        .isEqualTo("refused to host: 10.0.0.1");
    assertThat(JvmAttachment.reason(new IOException("first\n\tsecond"))).isEqualTo("first");
  }

  @Test
  void aReasonWithoutAMessageIsTheException() {
    assertThat(JvmAttachment.reason(new IOException())).isEqualTo("java.io.IOException");
  }
}
