package io.nioring.consumer.nio2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nioring.consumer.Loopback;
import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.EnumSet;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.channel.ChannelExec;
import org.apache.sshd.client.channel.ClientChannelEvent;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.io.nio2.Nio2ServiceFactoryFactory;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** MINA SSHD with its default transport, which is on asynchronous channels. */
class SshTest {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final String PASSWORD = "open sesame";
  private static final int SESSIONS = 5;

  private SshServer server;
  private SshClient client;
  private Wire wire;

  @BeforeEach
  void start() throws Exception {
    wire = Wire.watch();
    server = SshServer.setUpDefaultServer();
    server.setIoServiceFactoryFactory(new Nio2ServiceFactoryFactory());
    server.setHost(Loopback.HOST);
    server.setPort(0);
    var keys = SecurityUtils.getKeyPairGenerator("EC");
    keys.initialize(256);
    server.setKeyPairProvider(KeyPairProvider.wrap(keys.generateKeyPair()));
    server.setPasswordAuthenticator((user, password, session) -> PASSWORD.equals(password));
    server.setCommandFactory((channel, command) -> new Echo());
    server.start();
    client = SshClient.setUpDefaultClient();
    client.setIoServiceFactoryFactory(new Nio2ServiceFactoryFactory());
    client.setServerKeyVerifier((session, address, key) -> true);
    client.start();
  }

  @AfterEach
  void stop() throws Exception {
    client.stop();
    server.stop(true);
    wire.close();
  }

  @Test
  void commandEchoesItsInput() throws Exception {
    try (ClientSession session = connect()) {
      assertEquals("hello", new String(exec(session, "hello".getBytes(UTF_8)), UTF_8));
      byte[] large = Payload.ofSize(Payload.LARGE);
      assertArrayEquals(large, exec(session, large));
    }
    wire.ringsCarried(1, 2L * Payload.LARGE);
  }

  @Test
  void severalSessionsAtOnce() throws Exception {
    ClientSession[] sessions = new ClientSession[SESSIONS];
    for (int i = 0; i < SESSIONS; i++) {
      sessions[i] = connect();
    }
    for (int i = 0; i < SESSIONS; i++) {
      assertEquals("no" + i, new String(exec(sessions[i], ("no" + i).getBytes(UTF_8)), UTF_8));
    }
    for (ClientSession session : sessions) {
      session.close();
    }
    wire.ringsCarried(SESSIONS, SESSIONS * 1000L);
  }

  private ClientSession connect() throws IOException {
    ClientSession session =
        client.connect("user", Loopback.HOST, server.getPort()).verify(DEADLINE).getSession();
    session.addPasswordIdentity(PASSWORD);
    session.auth().verify(DEADLINE);
    return session;
  }

  private static byte[] exec(ClientSession session, byte[] input) throws IOException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    try (ChannelExec channel = session.createExecChannel("echo")) {
      channel.setIn(new ByteArrayInputStream(input));
      channel.setOut(output);
      channel.open().verify(DEADLINE);
      channel.waitFor(EnumSet.of(ClientChannelEvent.CLOSED), DEADLINE);
      assertEquals(0, channel.getExitStatus());
    }
    return output.toByteArray();
  }

  /** Sends back what comes in. */
  private static final class Echo implements Command, Runnable {
    private InputStream in;
    private OutputStream out;
    private ExitCallback exit;

    @Override
    public void setInputStream(InputStream stream) {
      in = stream;
    }

    @Override
    public void setOutputStream(OutputStream stream) {
      out = stream;
    }

    @Override
    public void setErrorStream(OutputStream stream) {
      // Nothing goes there.
    }

    @Override
    public void setExitCallback(ExitCallback callback) {
      exit = callback;
    }

    @Override
    public void start(ChannelSession channel, Environment environment) {
      Thread echo = new Thread(this, "echo");
      echo.setDaemon(true);
      echo.start();
    }

    @Override
    public void run() {
      try {
        in.transferTo(out);
        out.flush();
        exit.onExit(0);
      } catch (IOException e) {
        exit.onExit(1, e.toString());
      }
    }

    @Override
    public void destroy(ChannelSession channel) {
      // The streams end with the channel, and the thread with them.
    }
  }
}
