package io.nioring.consumer.sockets;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nioring.consumer.Loopback;
import io.nioring.consumer.Payload;
import io.nioring.consumer.TemporaryDirectory;
import io.nioring.consumer.Wire;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.net.ftp.FTP;
import org.apache.commons.net.ftp.FTPClient;
import org.apache.ftpserver.DataConnectionConfigurationFactory;
import org.apache.ftpserver.FtpServer;
import org.apache.ftpserver.FtpServerFactory;
import org.apache.ftpserver.ftplet.UserManager;
import org.apache.ftpserver.listener.Listener;
import org.apache.ftpserver.listener.ListenerFactory;
import org.apache.ftpserver.usermanager.PropertiesUserManagerFactory;
import org.apache.ftpserver.usermanager.impl.BaseUser;
import org.apache.ftpserver.usermanager.impl.WritePermission;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * FtpServer, whose control connections are channels of MINA's and whose data connections are plain
 * sockets, and the client of Commons Net.
 */
class FtpTest {
  private static final int FILES = 10;

  private FtpServer server;
  private Listener listener;
  private Wire wire;

  @BeforeEach
  void start() throws Exception {
    wire = Wire.watch();
    DataConnectionConfigurationFactory data = new DataConnectionConfigurationFactory();
    data.setActiveEnabled(true);
    data.setActiveLocalAddress(Loopback.HOST);
    data.setPassiveAddress(Loopback.HOST);
    ListenerFactory listeners = new ListenerFactory();
    listeners.setServerAddress(Loopback.HOST);
    listeners.setPort(0);
    listeners.setDataConnectionConfiguration(data.createDataConnectionConfiguration());
    listener = listeners.createListener();
    BaseUser user = new BaseUser();
    user.setName("user");
    user.setPassword("password");
    user.setHomeDirectory(TemporaryDirectory.make().toString());
    user.setAuthorities(List.of(new WritePermission()));
    UserManager users = new PropertiesUserManagerFactory().createUserManager();
    users.save(user);
    FtpServerFactory servers = new FtpServerFactory();
    servers.setListeners(new HashMap<>(Map.of("default", listener))); // it will be cleared
    servers.setUserManager(users);
    server = servers.createServer();
    server.start();
  }

  @AfterEach
  void stop() throws InterruptedException {
    server.stop();
    wire.close();
  }

  @Test
  void passiveTransfers() throws Exception {
    transfers(true);
  }

  @Test
  void activeTransfers() throws Exception {
    transfers(false);
  }

  private void transfers(boolean passive) throws IOException, InterruptedException {
    FTPClient client = new FTPClient();
    client.connect(Loopback.HOST, listener.getPort());
    assertTrue(client.login("user", "password"));
    client.setFileType(FTP.BINARY_FILE_TYPE);
    if (passive) {
      client.enterLocalPassiveMode();
    }
    for (int i = 0; i < FILES; i++) {
      byte[] content = Payload.ofSize(i == 0 ? Payload.LARGE : i);
      assertTrue(client.storeFile("file" + i, new ByteArrayInputStream(content)));
      ByteArrayOutputStream read = new ByteArrayOutputStream();
      assertTrue(client.retrieveFile("file" + i, read));
      assertArrayEquals(content, read.toByteArray());
    }
    assertEquals(FILES, client.listNames().length);
    wire.ringsCarried(1 + 2 * FILES + 1, 2L * Payload.LARGE);
    client.logout();
    client.disconnect();
  }
}
